/** A client that is loaded only where it is used was not installed. */
export class ClientMissing extends Error {
  override readonly name = 'ClientMissing';
}

/** Loads an optional package, or says which one is to be installed. `load` is `() => import('name')`. */
export async function loadClient<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ClientMissing(`the package "${name}" is not installed: run npm install ${name} beside the server`);
  }
}
