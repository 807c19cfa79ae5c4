/** A share of one core, as percent; parallel queries have more than 100 %. */
export function percent(share: number): string {
  if (share === 0) return '0%';
  return share < 0.01 ? '<1%' : `${Math.round(share * 100)}%`;
}
