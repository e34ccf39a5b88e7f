/** Where the user wants no suggestions for now. Knows no VS Code. */

/** What a pause is for. */
export type Pause = "file" | "language" | "workspace";

/** Where values are kept between runs; VS Code's Memento is one. */
export interface Store {
  get<T>(key: string, otherwise: T): T;
  update(key: string, value: unknown): Thenable<void>;
}

/** What a pause may apply to. */
export interface Place {
  readonly uri: string;
  readonly language: string;
}

const FILES = "pausedFiles";
const LANGUAGES = "pausedLanguages";
const WORKSPACE = "pausedWorkspace";

/** The pauses of one window: languages are paused everywhere, files and the workspace in this workspace only. */
export class Pauses {
  readonly #everywhere: Store;
  readonly #here: Store;

  constructor(everywhere: Store, here: Store) {
    this.#everywhere = everywhere;
    this.#here = here;
  }

  /** Returns the narrowest pause that holds a place, `undefined` where there is none; without a place: the workspace's. */
  of(place: Place | undefined): Pause | undefined {
    if (place !== undefined && this.#files().includes(fileOf(place.uri))) {
      return "file";
    }
    if (place !== undefined && this.#languages().includes(place.language)) {
      return "language";
    }
    return this.#here.get<boolean>(WORKSPACE, false) ? "workspace" : undefined;
  }

  async pauseFile(uri: string): Promise<void> {
    await this.#here.update(FILES, [...new Set([...this.#files(), fileOf(uri)])]);
  }

  async pauseLanguage(language: string): Promise<void> {
    await this.#everywhere.update(LANGUAGES, [...new Set([...this.#languages(), language])]);
  }

  async pauseWorkspace(): Promise<void> {
    await this.#here.update(WORKSPACE, true);
  }

  /** Lifts every pause that holds a place, so that suggestions come there; without a place: the workspace's. */
  async resume(place: Place | undefined): Promise<void> {
    await this.#here.update(WORKSPACE, undefined);
    if (place !== undefined) {
      await this.forgetFile(place.uri);
      await this.#everywhere.update(LANGUAGES, without(this.#languages(), place.language));
    }
  }

  /** Lifts the pause of a file, if there is one. */
  async forgetFile(uri: string): Promise<void> {
    if (this.#files().includes(fileOf(uri))) {
      await this.#here.update(FILES, without(this.#files(), fileOf(uri)));
    }
  }

  #files(): readonly string[] {
    return this.#here.get<readonly string[]>(FILES, []);
  }

  #languages(): readonly string[] {
    return this.#everywhere.get<readonly string[]>(LANGUAGES, []);
  }
}

/** The cells of a notebook are one file: their addresses differ in the fragment only. */
function fileOf(uri: string): string {
  return uri.startsWith("vscode-notebook-cell:") ? (uri.split("#", 1)[0] ?? uri) : uri;
}

function without(values: readonly string[], value: string): readonly string[] | undefined {
  const left = values.filter((other) => other !== value);
  return left.length > 0 ? left : undefined;
}
