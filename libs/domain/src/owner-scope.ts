/** Whose documents a query may see. Everything that people own belongs to a workspace. */
export interface OwnerScope {
  readonly workspaceId: string;
}
