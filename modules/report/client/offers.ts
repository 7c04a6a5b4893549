/** What of an offer decides who may use it. */
export interface OfferTerms {
  readonly owner: string;
  readonly conditions: { readonly organisations?: readonly string[]; readonly kinds?: readonly string[]; readonly below?: readonly string[] };
}

/** As `mayUse` of the inventory: any of the lists fits, or none is stated; who offers it may use it too. */
export function offerIsFor(user: { readonly id: string; readonly kind: string; readonly chain: readonly string[] }, offer: OfferTerms): boolean {
  const { organisations, kinds, below } = offer.conditions;
  if (!organisations && !kinds && !below) return true;
  return (
    user.id === offer.owner ||
    organisations?.includes(user.id) === true ||
    kinds?.includes(user.kind) === true ||
    below?.some((id) => user.chain.includes(id)) === true
  );
}
