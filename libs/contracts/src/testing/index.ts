export { surrogateContract } from "./surrogate-contract.ts";
