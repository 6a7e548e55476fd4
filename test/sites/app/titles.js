// The title of each route.
export function titleOf(kind, name, search) {
  if (kind === "orders") return `Order ${name}`;
  if (kind === "people") return `Person ${name}${search}`;
  return "All orders";
}
