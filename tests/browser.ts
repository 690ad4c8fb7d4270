// What a browser adds to `fetch`: its cookies, and the page's origin.

/** A browser's cookies, by name. */
export type Jar = Map<string, string>;

/** The cookies as a request sends them. */
export const cookieHeader = (jar: Jar) => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");

/** Does what `set-cookie` lines say. */
export function keepCookies(jar: Jar, lines: string[]): void {
  for (const line of lines) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (/max-age=0(;|$)/i.test(line)) jar.delete(name!);
    else jar.set(name!, value!);
  }
}

/** `fetch` of a page of `origin`; `more` goes into each request. */
export function browserFetch(origin: () => string, jar: Jar, more: RequestInit = {}) {
  return async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers);
    headers.set("origin", origin());
    if (jar.size) headers.set("cookie", cookieHeader(jar));
    const response = await fetch(url, { ...init, headers, ...more });
    keepCookies(jar, response.headers.getSetCookie());
    return response;
  };
}
