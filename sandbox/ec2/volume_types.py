"""EC2's limits for each type of volume: sizes, IOPS and throughput.

Sources:
- sizes, IOPS, throughput: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html, read on
  2026-11-27
- gp2's baseline, IOPS for each GiB, throughput for each of the IOPS:
  https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html,
  https://docs.aws.amazon.com/ebs/latest/userguide/provisioned-iops.html, read on 2026-11-24
- error codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, read on 2026-11-27
The documentation has no messages; these are from reports of users.
"""

from __future__ import annotations

from dataclasses import dataclass

from moto.ec2.exceptions import EC2ClientError

GP3_IOPS = 3_000
GP3_THROUGHPUT = 125
GP3_MAX_THROUGHPUT = 2_000
IOPS_FOR_EACH_MIBPS = 4


@dataclass(frozen=True)
class Iops:
    """IOPS that can be provisioned."""

    min: int
    max: int
    per_gib: int


@dataclass(frozen=True)
class VolumeType:
    """Limits of a type; sizes in GiB."""

    min_size: int
    max_size: int
    iops: Iops | None = None


TYPES = {
    "gp2": VolumeType(1, 16_384),
    "gp3": VolumeType(1, 65_536, Iops(GP3_IOPS, 80_000, 500)),
    "io1": VolumeType(4, 16_384, Iops(100, 64_000, 50)),
    "io2": VolumeType(4, 65_536, Iops(100, 256_000, 1_000)),
    "st1": VolumeType(125, 16_384),
    "sc1": VolumeType(125, 16_384),
    "standard": VolumeType(1, 1_024),
}


@dataclass(frozen=True)
class Configuration:
    """Settings of a volume that ModifyVolume can change, in EC2's answers."""

    size: int
    volume_type: str
    iops: int | None
    throughput: int | None
    multi_attach_enabled: bool = False


def configuration(
    volume_type: str,
    size: int,
    iops: int | None = None,
    throughput: int | None = None,
    multi_attach_enabled: bool = False,
) -> Configuration:
    """Returns the settings of a volume with defaults.

    Raises EC2ClientError for settings that EC2 rejects.
    """
    if volume_type not in TYPES:
        message = f"Unsupported volume type '{volume_type}' for volume creation."
        raise EC2ClientError("UnknownVolumeType", message)
    check_combination(volume_type, iops, throughput, multi_attach_enabled)
    check_size(volume_type, size)
    if volume_type == "gp3":
        iops = GP3_IOPS if iops is None else iops
        throughput = GP3_THROUGHPUT if throughput is None else throughput
    if iops is not None:
        check_iops(volume_type, size, iops)
    if throughput is not None and iops is not None:
        check_throughput(throughput, iops)
    if volume_type == "gp2":
        iops = gp2_baseline(size)
    return Configuration(size, volume_type, iops, throughput, multi_attach_enabled)


def gp2_baseline(size: int) -> int:
    """3 IOPS for each GiB, between 100 and 16,000. Answers for types without IOPS, such as st1, have none."""
    return min(16_000, max(100, 3 * size))


def check_combination(
    volume_type: str, iops: int | None, throughput: int | None, multi_attach_enabled: bool
) -> None:
    """Rejects settings that the type doesn't support, and io1 and io2 without IOPS."""
    takes_iops = TYPES[volume_type].iops is not None
    if iops is not None and not takes_iops:
        raise combination(f"The parameter iops is not supported for {volume_type} volumes.")
    if throughput is not None and volume_type != "gp3":
        raise combination(f"The parameter throughput is not supported for {volume_type} volumes.")
    if iops is None and volume_type in ("io1", "io2"):
        raise combination(f"The parameter iops must be specified for {volume_type} volumes.")
    if multi_attach_enabled and volume_type not in ("io1", "io2"):
        raise combination(f"The parameter multi-attach-enabled is not supported for {volume_type} volumes.")


def check_size(volume_type: str, size: int) -> None:
    """Rejects sizes outside the type's range."""
    limits = TYPES[volume_type]
    if size < limits.min_size:
        raise value(
            f"The volume size is invalid for {volume_type} volumes: {size} GiB. {volume_type} volumes must be at "
            f"least {limits.min_size} GiB in size. Please specify a volume size above the minimum limit."
        )
    if size > limits.max_size:
        raise value(
            f"Volume of {size}GiB is too large for volume type {volume_type}; maximum is {limits.max_size}GiB."
        )


def check_iops(volume_type: str, size: int, iops: int) -> None:
    """Rejects IOPS below the minimum, above the maximum, or too many for the size."""
    limits = TYPES[volume_type].iops
    assert limits
    if iops < limits.min:
        raise value(f"Volume iops of {iops} is too low; minimum is {limits.min}.")
    if iops > limits.max:
        raise value(f"Volume iops of {iops} is too high; maximum is {limits.max}.")
    # gp3 has its 3,000 at any size.
    if iops > limits.per_gib * size and not (volume_type == "gp3" and iops == GP3_IOPS):
        raise value(
            f"Iops to volume size ratio of {iops / size:.6f} is too high; maximum is {limits.per_gib}.000000"
        )


def check_throughput(throughput: int, iops: int) -> None:
    """Rejects throughput below the minimum, above the maximum, or too much for the IOPS."""
    if throughput < GP3_THROUGHPUT:
        raise value(f"Volume throughput of {throughput} is too low; minimum is {GP3_THROUGHPUT}.")
    if throughput > GP3_MAX_THROUGHPUT:
        raise value(f"Volume throughput of {throughput} is too high; maximum is {GP3_MAX_THROUGHPUT}.")
    if throughput * IOPS_FOR_EACH_MIBPS > iops:
        raise value(
            f"Throughput (MiBps) to iops ratio of {throughput / iops:.6f} is too high; "
            "maximum is 0.250000 MiBps per iops."
        )


def modified(
    old: Configuration,
    size: int | None,
    volume_type: str | None,
    iops: int | None,
    throughput: int | None,
    multi_attach_enabled: bool | None,
) -> Configuration:
    """Returns the settings of a volume after a modification; None keeps a setting.

    Defaults: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html, Iops and Throughput
    (read on 2026-11-27); from gp2 to gp3 the values of gp2, if they are higher:
    https://docs.aws.amazon.com/ebs/latest/userguide/modify-volume-requirements.html (read on 2026-11-24).

    Raises EC2ClientError for a modification that EC2 rejects.
    """
    if all(setting is None for setting in (size, volume_type, iops, throughput, multi_attach_enabled)):
        raise value("Invalid input: Must specify at least one of size, type, iops, throughput or multi-attach.")
    if size is not None and size < old.size:
        raise value("New size cannot be smaller than existing size")
    target = volume_type or old.volume_type
    if target == old.volume_type and target in TYPES and TYPES[target].iops:
        iops = old.iops if iops is None else iops
        throughput = old.throughput if throughput is None else throughput
    elif target == "gp3" and old.volume_type == "gp2":
        had = old.iops or 0
        iops = max(GP3_IOPS, had) if iops is None else iops
        # gp2 moves up to 256 KiB with each of its IOPS, and up to 250 MiB/s.
        throughput = max(GP3_THROUGHPUT, min(250, had // 4)) if throughput is None else throughput
    elif target in ("io1", "io2"):
        iops = GP3_IOPS if iops is None else iops
    multi_attach = old.multi_attach_enabled if multi_attach_enabled is None else multi_attach_enabled
    return configuration(target, old.size if size is None else size, iops, throughput, multi_attach)


def value(message: str) -> EC2ClientError:
    """The error for a value that EC2 rejects."""
    return EC2ClientError("InvalidParameterValue", message)


def combination(message: str) -> EC2ClientError:
    """The error for settings that EC2 rejects together."""
    return EC2ClientError("InvalidParameterCombination", message)
