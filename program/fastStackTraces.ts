// Pulumi takes a stack trace for every promise, and ts-node looks up each line of each of them in a source map: a
// quarter of the program's time. There is nothing to look up, since sucrase leaves every line where it is.
(Error as Partial<ErrorConstructor>).prepareStackTrace = undefined;
