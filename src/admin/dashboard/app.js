import { addForms, addMoves } from './actions.js'
import { createClient } from './client.js'
import { byId } from './dom.js'
import { showLists } from './lists.js'
import { session } from './session.js'
import { showStatus } from './status.js'

const storage = 'lockstep-token'
const slowMs = 5000

/** Where the stream goes on after a lost connection. */
let lastId

function showEvent({ type, data }) {
  const { rows: value, total } = data
  if (type === 'status') showStatus(data)
  else if (type === 'verify' && data.running)
    Object.assign(byId('verify-progress'), { value, max: Math.max(1, total) })
  else void showLists()
}

async function follow() {
  for (;;) {
    try {
      for await (const event of session.client.events(lastId)) {
        lastId = event.id ?? lastId
        showEvent(event)
      }
    } catch (error) {
      if (error.status === 401) return signOut('The token is no longer taken')
    }
    byId('now').textContent = 'The connection is lost; trying again'
    await new Promise((resolve) => setTimeout(resolve, 2000))
  }
}

function signOut(problem) {
  sessionStorage.removeItem(storage)
  byId('sign-in').hidden = false
  byId('board').hidden = true
  byId('sign-in-problem').textContent = problem
}

async function signIn(token) {
  session.client = createClient(token)
  try {
    const first = await session.client.get('v1/status')
    sessionStorage.setItem(storage, token)
    byId('sign-in').hidden = true
    byId('board').hidden = false
    showStatus(first)
    await showLists()
    setInterval(() => void showLists(), slowMs)
    void follow()
  } catch (error) {
    signOut(error.message)
  }
}

addMoves()
addForms()
byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  void signIn(byId('token').value.trim())
})
// An address may bring a token behind its #, which no server sees, and which does not stay there.
const [, brought] = /^#token=(.+)$/.exec(location.hash) ?? []
if (brought) history.replaceState(null, '', location.pathname)
const known = brought ?? sessionStorage.getItem(storage)
if (known) void signIn(known)
else byId('token').focus()
