/** How what cannot be an escape character is told: before the statement runs, or as its parameter is bound. */
export interface EscapeFailures {
  wrong(message: string): Error
  unsupported(construct: string, wayOut: string): Error
}

/** One character, as on SQLite, which takes a wildcard as well and then loses that. likeFunc of func.c */
export function checkEscape(escape: string, failures: EscapeFailures): void {
  if (Array.from(escape).length !== 1) {
    throw failures.wrong('ESCAPE expression must be a single character')
  }
  if (escape === '%' || escape === '_') {
    throw failures.unsupported('ESCAPE with a wildcard', 'Take another character')
  }
}
