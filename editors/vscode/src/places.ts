/** Which documents get suggestions, and which of them the user is in. */

import { languages, type TextDocument, window } from "vscode";
import type { Pauses, Place } from "./pauses";

/** Files, files without a name yet, and cells of notebooks; on a remote machine its files are of the scheme `file` too. */
export const DOCUMENTS = [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-notebook-cell" }];

/** Says whether the user has paused a document. */
export type IsPaused = (document: TextDocument) => boolean;

/** Returns a document as the extension's other parts know it. */
export function placeOf(document: TextDocument): Place {
  return { uri: document.uri.toString(), language: document.languageId };
}

/** Returns the document that the user is in; `undefined` where that is none that could get suggestions. */
export function activeDocument(): TextDocument | undefined {
  const document = window.activeTextEditor?.document;
  return document !== undefined && languages.match(DOCUMENTS, document) > 0 ? document : undefined;
}

/** Returns what says whether a document is paused. */
export function pausedIn(pauses: Pauses): IsPaused {
  return (document) => pauses.of(placeOf(document)) !== undefined;
}
