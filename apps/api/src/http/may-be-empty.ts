/** Classes of bodies that may be left out altogether: every field has a value of its own. */
const CLASSES = new WeakSet<object>();

/** No body at all is taken as one without fields. Without it, no bytes are no JSON. */
export const MayBeEmpty = (): ClassDecorator => (body) => void CLASSES.add(body);

export const mayBeEmpty = (body: object | undefined): boolean => body !== undefined && CLASSES.has(body);
