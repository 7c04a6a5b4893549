/** Key of a policy's place in `ZoneSet.places`. */
export function policyPlace(name: string): string {
  return `policy ${name}`;
}
