import { createHash } from 'node:crypto';
import { embedJson, escapeHtml } from './html.ts';

/** The parts of a page that holds everything it needs. */
export interface Shell {
  readonly language: 'vi' | 'en';
  /** Title, as HTML text. */
  readonly title: string;
  readonly generator: string;
  readonly style: string;
  readonly script: string;
  /** What stands before the page's data, as HTML. */
  readonly body: string;
  /** The page's data, for its script. */
  readonly data: unknown;
}

/**
 * A self-contained page: it asks for nothing outside itself, and its content security policy allows exactly its own
 * script and style, by hash. Pure.
 */
export function selfContained({ language, title, generator, style, script, body, data }: Shell): string {
  const policy = `default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="${escapeHtml(generator)}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${body}
<script type="application/json" id="data">${embedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The two buttons a page is switched to another language with. */
export const languageButtons =
  '<div class="language" role="group" aria-label="Ngôn ngữ / Language"><button type="button" id="language-vi" lang="vi">Tiếng Việt</button><button type="button" id="language-en" lang="en">English</button></div>';
