/**
 * The real address and type behind a planned address: in the sandbox `TYPE.NAME` is planned as
 * `terraform_data.TYPE__NAME`. Addresses of other types are what they say.
 */
export function plannedResource(planned: string): { readonly address: string; readonly type: string } {
  const sandbox = /^terraform_data\.([a-z][a-z0-9]*(?:_[a-z0-9]+)+)__(.+)$/u.exec(planned);
  if (sandbox?.[1] !== undefined && sandbox[2] !== undefined) return { address: `${sandbox[1]}.${sandbox[2]}`, type: sandbox[1] };
  const parts = /(?:^|\.)([a-z][A-Za-z0-9_-]*)\.[^.[\]]+(?:\[.*\])?$/u.exec(planned);
  return { address: planned, type: parts?.[1] ?? planned };
}
