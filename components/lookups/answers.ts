import { runsWithEngine } from "../engine/monitor";
import { mockError } from "../validation/mocks";
import { messageOf, userError } from "../validation/problems";

/** A function of the AWS provider that is called. */
export interface Query<Field extends string> {
    readonly token: string;
    /** Rules of the fields that its answer must have. */
    readonly fields: Readonly<Record<Field, string>>;
}

/** An answer, of which only the fields that the query asks for are sure: mocks may leave out others. */
export type Answer<T, Field extends keyof T> = Partial<T> & Pick<T, Field>;

/**
 * The answer to a query.
 *
 * @param subject - Subject of the query, in words.
 * @throws RunError if the query fails, or its answer lacks a field.
 */
export async function answer<Field extends string, T extends Record<Field, unknown>>(
    call: Promise<T>,
    subject: string,
    query: Query<Field>,
): Promise<Answer<T, Field>> {
    const answered = await call.catch((error: unknown) => {
        throw queryError(error, subject, query);
    });
    return complete(answered, subject, query);
}

/** The answer of a query that fails where nothing matches; undefined then. */
export async function undefinedIfNotFound<Field extends string, T extends Record<Field, unknown>>(
    call: Promise<T>,
    subject: string,
    query: Query<Field>,
): Promise<Answer<T, Field> | undefined> {
    const answered = await call.catch((error: unknown) => {
        // terraform-provider-aws, internal/tfresource: "no matching EC2 EBS Volume found".
        if (error instanceof Error && /no matching|no results/.test(error.message)) {
            return undefined;
        }
        throw queryError(error, subject, query);
    });
    return answered && complete(answered, subject, query);
}

function complete<T extends object>(answered: T, subject: string, { token, fields }: Query<string>): T {
    const given = new Map<string, unknown>(Object.entries(answered));
    const missing = Object.entries(fields).filter(([field]) => given.get(field) === undefined);
    if (missing.length === 0) {
        return answered;
    }
    // A provider whose own settings aren't known yet answers nothing at all, which is not "none".
    throw runsWithEngine()
        ? userError(`${subject} can't be queried yet`, [
              "the AWS provider's settings depend on resources that don't exist yet: create those first " +
                  "(pulumi up --target), or give the provider plain settings",
          ])
        : mockError(token, Object.fromEntries(missing), "add it to what `call` returns");
}

function queryError(error: unknown, subject: string, { token, fields }: Query<string>): Error {
    const message = messageOf(error);
    // All that the SDK passes on of an error in a mock.
    if (message === "" && !runsWithEngine()) {
        return mockError(token, fields, "`call` throws an error or returns nothing");
    }
    return userError(`could not query ${subject}`, [
        message,
        "check the credentials, the region, the network and the rights to ec2:DescribeAvailabilityZones, " +
            "ec2:DescribeInstances and, for existing volumes and moves, ec2:DescribeVolumes and ec2:DescribeSnapshots",
    ]);
}
