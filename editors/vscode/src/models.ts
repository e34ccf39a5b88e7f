/** What the server says of the models that are there. Knows no VS Code. */

/** A model that the server could run. */
export interface Model {
  readonly name: string;
  readonly path: string;
  /** Its size; `null` where that is not known. */
  readonly megabytes: number | null;
  /** A remark for people, or nothing. */
  readonly note: string;
  /** Whether the settings name it. */
  readonly isChosen: boolean;
  /** Whether it is on this machine; another has to be downloaded first. */
  readonly isThere: boolean;
  /** What the user has to agree to before a download; mostly nothing. */
  readonly licenceNote: string;
}

/** A line of the list to choose from. */
export interface ModelEntry {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** Returns the models of the server's answer to `midfill.models`; entries that are something else are left out. */
export function readModels(answer: unknown): readonly Model[] {
  return Array.isArray(answer) ? answer.flatMap((entry) => readModel(entry) ?? []) : [];
}

/** Returns how a model is shown. */
export function entryOf({ name, path, megabytes, note, isChosen, isThere, licenceNote }: Model): ModelEntry {
  const size = megabytes === null ? "" : `${String(Math.round(megabytes))} MB`;
  const sign = isChosen ? "$(check) " : isThere ? "" : "$(cloud-download) ";
  return {
    label: `${sign}${name}`,
    description: [isChosen ? "chosen" : "", isThere ? size : `${size} to download`.trim()]
      .filter((part) => part !== "")
      .join(", "),
    detail: [note, isThere ? path : licenceNote].filter((part) => part !== "").join(" · "),
  };
}

function readModel(value: unknown): Model | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { name, path, megabytes, note, isChosen, isThere, licenceNote } = value as Record<string, unknown>;
  if (typeof name !== "string") {
    return undefined;
  }
  return {
    name,
    path: typeof path === "string" ? path : "",
    megabytes: typeof megabytes === "number" ? megabytes : null,
    note: typeof note === "string" ? note : "",
    isChosen: isChosen === true,
    isThere: isThere !== false,
    licenceNote: typeof licenceNote === "string" ? licenceNote : "",
  };
}
