/**
 * `urn:vcloud:MEMBER:KIND:ID`, the name of a record across the federation (RFC 8141 shape).
 * The id may hold slashes and dots; other characters outside the URN alphabet are percent-encoded.
 */
export function urn(member: string, kind: string, id: string): string {
  return `urn:vcloud:${member}:${kind}:${encode(id)}`;
}

function encode(id: string): string {
  return id.replace(/[^A-Za-z0-9()+,\-.:=@;$_!*'/]/gu, (character) => encodeURIComponent(character));
}

/** The parts of a URN made by {@link urn}; undefined for anything else. */
export function parseUrn(text: string): { member: string; kind: string; id: string } | undefined {
  const match = /^urn:vcloud:([^:]+):([^:]+):(.+)$/u.exec(text);
  if (!match) return undefined;
  try {
    return { member: match[1] ?? '', kind: match[2] ?? '', id: decodeURIComponent(match[3] ?? '') };
  } catch {
    // A stray percent sign: no URN of ours.
    return undefined;
  }
}
