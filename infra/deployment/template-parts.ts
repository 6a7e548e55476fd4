// What of a stack's template each of its elements makes, resolved.
import { CfnElement, type Stack } from "aws-cdk-lib";

/** Part of a template, and what made it. */
export interface TemplatePart {
  readonly element: CfnElement;
  /** Entries by section, such as `Resources`. */
  readonly sections: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The parts of those elements that are wanted; complete only once synthesis has begun. */
export function templateParts(
  stack: Stack,
  isWanted: (element: CfnElement) => boolean = () => true,
): readonly TemplatePart[] {
  return stack.node
    .findAll()
    .filter(CfnElement.isCfnElement)
    .filter((element) => element.stack === stack && isWanted(element))
    .map((element) => ({ element, sections: stack.resolve(element._toCloudFormation()) }));
}
