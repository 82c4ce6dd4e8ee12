import type { RunError } from "@pulumi/pulumi";
import { formatProblem, userError } from "./problems";

/**
 * Error of a unit test whose mocks leave out something that the component needs.
 *
 * @param token - The function or the type of the resource that is mocked.
 * @param missing - Rules of the properties that are missing.
 * @param wayOut - What to change in the mocks.
 */
export function mockError(
    token: string,
    missing: Readonly<Record<string, string>>,
    wayOut: string,
): RunError {
    return userError(`the mock of ${token} doesn't return what the component needs`, [
        ...Object.entries(missing).map(([field, rule]) => formatProblem({ path: [field], rule })),
        `${wayOut}: docs/consumers.md has mocks to copy`,
    ]);
}
