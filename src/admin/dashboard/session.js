/** What the parts of the page share: the client with the token of this tab, and the newest status. */
export const session = { client: undefined, status: undefined }
