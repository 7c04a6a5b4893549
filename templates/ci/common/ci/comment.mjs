// Puts a plan's summary into one comment of the merge request, and rewrites that comment when the plan changes.
//   node ci/comment.mjs FILE     with the variables that the code host sets for its pipelines
import { readFileSync } from 'node:fs';

const marker = '<!-- vcloud plan -->';
// Code hosts refuse longer comments; the whole summary is in the artefact.
const longest = 60_000;

const env = process.env;
const host = env.GITHUB_REPOSITORY ? github(env) : env.CI_MERGE_REQUEST_IID ? gitlab(env) : undefined;
if (host === undefined) fail('this is no pipeline of a merge request on GitHub or GitLab');
const text = readFileSync(process.argv[2] ?? fail('usage: node ci/comment.mjs FILE'), 'utf8');
const body = `${marker}\n${text.length > longest ? `${text.slice(0, text.lastIndexOf('\n', longest))}\n\n(cut; the whole of it is in the artefact)\n` : text}`;

const present = await find(host);
if (present === undefined) await call(host, host.create.method, host.create.url, { body });
else await call(host, host.update(present).method, host.update(present).url, { body });
console.log(present === undefined ? 'commented' : 'comment updated');

function github({ GITHUB_API_URL = 'https://api.github.com', GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST }) {
  const issues = `${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/issues`;
  return {
    headers: { authorization: `Bearer ${GITHUB_TOKEN}`, accept: 'application/vnd.github+json' },
    list: (page) => `${issues}/${PULL_REQUEST}/comments?per_page=100&page=${page}`,
    create: { method: 'POST', url: `${issues}/${PULL_REQUEST}/comments` },
    update: ({ id }) => ({ method: 'PATCH', url: `${issues}/comments/${id}` }),
  };
}

function gitlab({ CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID, VCLOUD_COMMENT_TOKEN }) {
  const notes = `${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/merge_requests/${CI_MERGE_REQUEST_IID}/notes`;
  return {
    headers: { 'private-token': VCLOUD_COMMENT_TOKEN },
    list: (page) => `${notes}?per_page=100&page=${page}`,
    create: { method: 'POST', url: notes },
    update: ({ id }) => ({ method: 'PUT', url: `${notes}/${id}` }),
  };
}

async function find(host) {
  for (let page = 1; ; page++) {
    const comments = await call(host, 'GET', host.list(page));
    const mine = comments.find((comment) => comment.body?.startsWith(marker));
    if (mine !== undefined || comments.length < 100) return mine;
  }
}

async function call({ headers }, method, url, value) {
  const response = await fetch(url, {
    method,
    headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'vcloud' },
    body: value === undefined ? undefined : JSON.stringify(value),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) fail(`${method} ${url}: ${response.status} ${(await response.text()).slice(0, 300)}`);
  return response.json();
}

function fail(message) {
  console.error(`comment: ${message}`);
  process.exit(1);
}
