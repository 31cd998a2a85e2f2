/** Says a line of progress. */
export type Say = (text: string) => void
