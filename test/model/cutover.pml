/*
 * The control protocol and the applier, for spin (https://spinroot.com): two rows, two writers, two
 * processes that ship, two that flip without the lock that keeps them apart in the code, and one that
 * recovers at any moment, before any deadline. Each may die between any two steps. Names in
 * `at "..."` are those of src/core/pause-points.ts.
 *
 * Checked: a write is taken only where every write before it is (so none that was acknowledged is lost,
 * none is undone by a late batch), and in the end, when nobody flips any
 * more, one place is open and both are equal. Each -D below leaves one rule out; see model.test.ts.
 */
#ifndef WRITES
#define WRITES 3
#endif
#ifndef ROWS
#define ROWS 2
#endif
#ifndef FLIPS
#define FLIPS 2
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#ifndef RECOVERIES
#define RECOVERIES 1
#endif
#ifndef WRITERS
#define WRITERS 1
#endif
#ifndef SHIPPERS
#define SHIPPERS 1
#endif
#ifndef FLIPPERS
#define FLIPPERS 1
#endif

mtype = { sqlite, postgres, open, draining, committing, moved };

typedef Control { byte epoch; mtype primary; mtype state; byte attempt; byte batch }
/* The rows, and the journal: one bit for each write whose entry is there. */
typedef Place { byte row[2]; byte journal }
typedef Snapshot { byte row[2]; byte journal; byte epoch; byte expected }

Control s, p;                 /* the record in the SQLite file, and the one on PostgreSQL */
Place sdata, pdata;
byte fence;                   /* 2 * epoch, plus one while PostgreSQL takes writes; no transaction holds it back */
byte writing;                 /* transactions that have passed the fence and not ended */
byte attempts;                /* names that were given; each is a new one */
byte written, deaths;
byte newest[2];               /* ghost: what each row holds once every committed write counts */
byte flipping = FLIPPERS, working = WRITERS;

#define at(point) skip
#define bit(w) (1 << (w))
#define rowOf(w) ((w) % ROWS)
#define isOpen(c, place) (c.primary == place && c.state == open)

inline mayDie() { if :: skip :: deaths < DEATHS -> deaths++; goto dead fi }

/* No two attempts have one name. */
#ifdef ATTEMPTS_SHARE_A_NAME
inline newAttempt(name) { attempts++; name = 1 }
#else
inline newAttempt(name) { d_step { attempts++; name = attempts } }
#endif

/* A write commits: everything that was committed before must be here. */
inline commit(place, w) {
  assert(place.row[0] == newest[0] && place.row[1] == newest[1]);
  place.row[rowOf(w)] = w; newest[rowOf(w)] = w; place.journal = place.journal | bit(w);
}

/* ---- the steps of src/cutover/steps.ts ---- */

inline compareAndSet(c, wasEpoch, wasState, wasAttempt, toEpoch, toPrimary, toState, toAttempt, ok) {
  if
  :: c.epoch == wasEpoch && c.state == wasState && c.attempt == wasAttempt ->
     c.epoch = toEpoch; c.primary = toPrimary; c.state = toState; c.attempt = toAttempt; ok = true
  :: else -> ok = false
  fi
}

inline stepSqlite(wasEpoch, wasState, wasAttempt, toEpoch, toPrimary, toState, toAttempt, ok) {
  d_step { compareAndSet(s, wasEpoch, wasState, wasAttempt, toEpoch, toPrimary, toState, toAttempt, ok) }
}

/* A step that closes the fence closes it at once; one that opens it leaves that to mendFence. */
inline stepPostgres(wasEpoch, wasState, wasAttempt, toEpoch, toPrimary, toState, toAttempt, ok) {
  d_step {
    compareAndSet(p, wasEpoch, wasState, wasAttempt, toEpoch, toPrimary, toState, toAttempt, ok);
    if
    :: ok -> p.batch++;
       if :: isOpen(p, postgres) :: else -> fence = 2 * p.epoch fi
    :: else
    fi
  }
}

inline mendFence() {
  d_step { fence = 2 * p.epoch; if :: isOpen(p, postgres) -> fence++ :: else fi }
}

/* ---- the shipper (src/mirror/shipper.ts) ---- */

inline takeRows(place, snap) {
  snap.row[0] = place.row[0]; snap.row[1] = place.row[1]; snap.journal = place.journal
}

/* Only the rows that the journal names go over. */
inline putRows(place, snap) {
#if ROWS == 1
  place.row[0] = snap.row[0]
#else
  if :: snap.journal & (bit(2) | bit(4)) -> place.row[0] = snap.row[0] :: else fi;
  if :: snap.journal & (bit(1) | bit(3)) -> place.row[1] = snap.row[1] :: else fi
#endif
}

/* Exactly the entries that were read. */
inline discard(place, snap) {
#ifdef DISCARD_WHAT_WAS_NOT_READ
  place.journal = 0
#else
  place.journal = place.journal & ~snap.journal
#endif
}

/* What is no longer looked at is forgotten, as each value would be a state of its own. */
inline forget(snap) {
  d_step { snap.row[0] = 0; snap.row[1] = 0; snap.journal = 0; snap.epoch = 0; snap.expected = 0; ok = false }
}

/* One batch; `drained` where a snapshot of that primary had nothing to ship. */
inline ship(from, snap, ok, drained) {
  drained = false; ok = false;
  if
  :: from == sqlite ->
#ifdef POSITION_AFTER_SNAPSHOT
     d_step { ok = (s.primary == sqlite); snap.epoch = s.epoch; takeRows(sdata, snap) };
     snap.expected = p.batch;
#else
     snap.expected = p.batch;
     d_step { ok = (s.primary == sqlite); snap.epoch = s.epoch; takeRows(sdata, snap) };
#endif
     at("ship:snapshot-open");
     if
     :: ok && snap.journal == 0 -> drained = true
     :: ok && snap.journal != 0 ->
        at("ship:before-apply"); mayDie();
        d_step {
          if
#ifdef APPLIER_NOT_FENCED
          :: true ->
#else
          :: p.batch == snap.expected && p.epoch == snap.epoch && p.primary == sqlite ->
#endif
             p.batch++; putRows(pdata, snap)
          :: else -> ok = false
          fi
        };
        at("ship:applied"); mayDie();
        at("ship:before-discard");
        if :: ok -> d_step { discard(sdata, snap) } :: else fi;
        at("ship:discarded"); mayDie()
     :: else
     fi
  :: else ->
     snap.expected = s.batch;
     d_step { ok = (p.primary == postgres); snap.epoch = p.epoch; takeRows(pdata, snap) };
     at("ship:snapshot-open");
     if
     :: ok && snap.journal == 0 -> drained = true
     :: ok && snap.journal != 0 ->
        at("ship:before-apply"); mayDie();
        d_step {
          if
#ifdef APPLIER_NOT_FENCED
          :: true ->
#else
          :: s.batch == snap.expected && s.epoch == snap.epoch && s.primary == postgres ->
#endif
             s.batch++; putRows(sdata, snap)
          :: else -> ok = false
          fi
        };
        at("ship:applied"); mayDie();
        at("ship:before-discard");
        if :: ok -> d_step { discard(pdata, snap) } :: else fi;
        at("ship:discarded"); mayDie()
     :: else
     fi
  fi;
  forget(snap)
}

/* ---- recovery (src/cutover/recover.ts): one look and one step ---- */

#define isHeld(c) (c.state == draining || c.state == committing)
#define isUnsettled() (isHeld(s) || isHeld(p) || s.epoch != p.epoch || (fence % 2 == 1) != isOpen(p, postgres))

inline look(ours, theirs) {
  d_step { ours.epoch = s.epoch; ours.primary = s.primary; ours.state = s.state; ours.attempt = s.attempt };
  d_step { theirs.epoch = p.epoch; theirs.primary = p.primary; theirs.state = p.state; theirs.attempt = p.attempt }
}

inline forgetLook(ours, theirs) {
  d_step {
    ours.epoch = 0; ours.primary = 0; ours.state = 0; ours.attempt = 0; ok = false;
    theirs.epoch = 0; theirs.primary = 0; theirs.state = 0; theirs.attempt = 0
  }
}

inline recover(ours, theirs, name, ok) {
  look(ours, theirs);
  if
  :: ours.state == draining ->
     stepSqlite(ours.epoch, draining, ours.attempt, ours.epoch, sqlite, open, 0, ok)
  :: ours.state == committing && theirs.epoch == ours.epoch + 1 ->
     mendFence(); at("flip:opened"); mayDie();
     stepSqlite(ours.epoch, committing, ours.attempt, ours.epoch + 1, postgres, moved, ours.attempt, ok)
  :: ours.state == committing && theirs.epoch != ours.epoch + 1 ->
#ifdef CANCEL_WITHOUT_GUARD
     ok = true;
#else
     /* Refused for good on the side of the commit point, before it is taken back. */
     newAttempt(name);
     stepPostgres(theirs.epoch, theirs.state, theirs.attempt, theirs.epoch, theirs.primary, theirs.state, name, ok);
#endif
     at("recover:refused"); mayDie();
     if
     :: ok -> stepSqlite(ours.epoch, committing, ours.attempt, ours.epoch, sqlite, open, 0, ok)
     :: else
     fi
  :: !isHeld(ours) && theirs.state == draining ->
     stepPostgres(theirs.epoch, draining, theirs.attempt, theirs.epoch, postgres, open, 0, ok);
     at("flip:cancelled"); mayDie();
     mendFence()
  :: !isHeld(ours) && theirs.state == committing && ours.epoch == theirs.epoch + 1 ->
     stepPostgres(theirs.epoch, committing, theirs.attempt, theirs.epoch + 1, sqlite, moved, ours.attempt, ok)
  :: !isHeld(ours) && theirs.state == committing && ours.epoch != theirs.epoch + 1 ->
#ifdef CANCEL_WITHOUT_GUARD
     ok = true;
#else
     newAttempt(name);
     stepSqlite(ours.epoch, ours.state, ours.attempt, ours.epoch, ours.primary, ours.state, name, ok);
#endif
     at("recover:refused"); mayDie();
     if
     :: ok -> stepPostgres(theirs.epoch, committing, theirs.attempt, theirs.epoch, postgres, open, 0, ok);
        at("flip:cancelled"); mayDie();
        mendFence()
     :: else
     fi
  :: else -> mendFence()
  fi;
  name = 0;
  forgetLook(ours, theirs)
}

/* ---- the flip (src/cutover/flip.ts) ---- */

inline toPostgres() {
  newAttempt(mine);
  stepSqlite(ours.epoch, open, ours.attempt, ours.epoch, sqlite, draining, mine, ok);
  if :: !ok -> goto again :: else fi;
  at("flip:draining"); mayDie();
#ifndef NO_DRAIN
  do
  :: ship(sqlite, snap, ok, drained);
     if :: drained -> break
     :: !drained
     :: !drained ->   /* the budget is used up */
        stepSqlite(ours.epoch, draining, mine, ours.epoch, sqlite, open, 0, ok); goto again
     fi
  od;
#endif
  at("flip:drained"); mayDie();
  stepSqlite(ours.epoch, draining, mine, ours.epoch, sqlite, committing, mine, ok);
  if :: !ok -> goto again :: else fi;
  at("flip:committing"); mayDie();
  at("flip:before-commit-point");
  stepPostgres(theirs.epoch, theirs.state, theirs.attempt, ours.epoch + 1, postgres, open, mine, ok);
  if :: !ok -> goto again :: else fi;
  at("flip:commit-point"); mayDie();
  mendFence(); at("flip:opened"); mayDie();
  stepSqlite(ours.epoch, committing, mine, ours.epoch + 1, postgres, moved, mine, ok);
  at("flip:moved")
}

inline toSqlite() {
  newAttempt(mine);
  stepPostgres(theirs.epoch, open, theirs.attempt, theirs.epoch, postgres, draining, mine, ok);
  if :: !ok -> goto again :: else fi;
  at("flip:draining"); mayDie();
#ifndef WRITERS_NOT_WAITED_FOR
  writing == 0;
#endif
#ifndef NO_DRAIN
  do
  :: ship(postgres, snap, ok, drained);
     if :: drained -> break
     :: !drained
     :: !drained ->   /* the budget is used up */
        stepPostgres(theirs.epoch, draining, mine, theirs.epoch, postgres, open, 0, ok);
        at("flip:cancelled"); mayDie();
        mendFence(); goto again
     fi
  od;
#endif
  at("flip:drained"); mayDie();
  stepPostgres(theirs.epoch, draining, mine, theirs.epoch, postgres, committing, mine, ok);
  if :: !ok -> goto again :: else fi;
  at("flip:committing"); mayDie();
  at("flip:before-commit-point");
  stepSqlite(ours.epoch, moved, ours.attempt, ours.epoch + 1, sqlite, open, mine, ok);
  if :: !ok -> goto again :: else fi;
  at("flip:commit-point"); mayDie();
  stepPostgres(theirs.epoch, committing, mine, ours.epoch + 1, sqlite, moved, mine, ok);
  at("flip:moved")
}

proctype Flipper() {
  Control ours, theirs;
  Snapshot snap;
  bool ok, drained;
  byte mine, flips;
again:
  forget(snap); forgetLook(ours, theirs); mine = 0; drained = false;
  do
  :: flips < FLIPS ->
     flips++;
     look(ours, theirs);
     if
     :: isOpen(ours, sqlite) -> toPostgres()
     :: isOpen(theirs, postgres) && ours.primary == postgres -> toSqlite()
     :: else
     fi
  :: else -> break
  od;
dead:
  forget(snap); forgetLook(ours, theirs); mine = 0; drained = false;
  flipping--
}

/* A write of the application: tried on either place, as its view of the primary may be old. */
proctype Writer() {
  byte w;
  do
  :: atomic { written < WRITES && isOpen(s, sqlite) -> written++; commit(sdata, written) }
  :: atomic { written < WRITES && (fence % 2) == 1 -> writing++ };
     if
     :: atomic { writing--; if :: written < WRITES -> written++; commit(pdata, written) :: else fi }
     :: writing--   /* rolled back */
     fi
  :: written == WRITES -> break
  :: flipping == 0 -> break
  od;
  working--
}

proctype Shipper() {
  Snapshot snap;
  bool ok, drained;
again:
  do
  :: s.primary == sqlite && sdata.journal != 0 -> ship(sqlite, snap, ok, drained)
  :: s.primary == postgres && pdata.journal != 0 -> ship(postgres, snap, ok, drained)
  :: flipping == 0 && working == 0 -> break
  od;
  goto end;
dead:
  forget(snap); drained = false;
  goto again;   /* another process takes its place */
end: skip
}

proctype Recoverer() {
  Control ours, theirs;
  Snapshot snap;
  bool ok, drained;
  byte name;
again:
  do
  :: flipping > 0 && isUnsettled() && attempts < FLIPPERS * FLIPS + RECOVERIES -> recover(ours, theirs, name, ok)
  :: flipping == 0 && working == 0 -> break
  od;
  /* Nobody flips any more: whoever recovers now comes to an end, and so does who ships. */
  do
  :: isUnsettled() -> recover(ours, theirs, name, ok)
  :: else -> break
  od;
  do
  :: ship(s.primary, snap, ok, drained); if :: drained -> break :: else fi
  od;
  assert(isOpen(s, sqlite) != isOpen(p, postgres) && isOpen(p, postgres) == (fence % 2 == 1));
  assert(sdata.row[0] == newest[0] && sdata.row[1] == newest[1]);
  assert(pdata.row[0] == newest[0] && pdata.row[1] == newest[1]);
  goto end;
dead:
  forget(snap); forgetLook(ours, theirs); name = 0; drained = false;
  goto again;
end: skip
}

init {
  atomic {
    s.epoch = 1; s.primary = sqlite; s.state = open;
    p.epoch = 1; p.primary = sqlite; p.state = moved; fence = 2;
    byte started;
    do :: started < WRITERS -> started++; run Writer() :: else -> break od; started = 0;
    do :: started < SHIPPERS -> started++; run Shipper() :: else -> break od; started = 0;
    do :: started < FLIPPERS -> started++; run Flipper() :: else -> break od; started = 0;
    run Recoverer()
  }
}
