/** A confirmation that could be pasted: the option with a name behind it, in whose place `NAME` should stand. */
export const READY_CONFIRMATION = /--confirm(?:-deployed)?=(?!NAME\b)[\w$"'<]/;
