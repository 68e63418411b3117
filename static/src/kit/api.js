/* Calls to our own API from pages: session, CSRF header, problem+json turned into an error with a sentence. */
import { csrfToken, prefix } from "./page.js";

export class Problem extends Error {
  constructor(body, status, requestId) {
    super(body.detail || body.title || `The server answered ${status}.`);
    Object.assign(this, { body, status, requestId, code: body.code });
  }
}

/* path is relative to /t/<slug>/api/v1/; "/api/…" gets the workspace's prefix; any other "/…" is taken as it is. */
export async function api(path, { method = "GET", json, signal } = {}) {
  const address = addressOf(path);
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (json !== undefined) headers["Content-Type"] = "application/json";
  const body = json === undefined ? undefined : JSON.stringify(json);
  const response = await fetch(address, { method, headers, body, signal, credentials: "same-origin" });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(answer, response.status, response.headers.get("X-Request-ID"));
  return answer;
}

function addressOf(path) {
  if (path.startsWith("/api/")) return prefix() + path;
  return path.startsWith("/") ? path : `${prefix()}/api/v1/${path}`;
}
