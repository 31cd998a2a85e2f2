/**
 * `fetch` that asks once more if the connection broke: a kept-alive connection of a server that was restarted fails at its first use.
 * Only for requests that may be repeated.
 */
export async function steadyFetch(url: string | URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    return await fetch(url, init)
  }
}
