#!/usr/bin/env bash
# The job by hand: zones from describe-instances and jq, one create-volume for each disk, ids put into a manifest with
# sed, kubectl create. One manifest for all PersistentVolumes, which is fastest with kubectl.
#
# usage: script.sh CLUSTER COUNT
set -euo pipefail
cluster=$1 count=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

aws ec2 describe-instances \
    --filters "Name=instance.group-name,Values=nodes.$cluster" Name=instance-state-name,Values=running |
    jq -r '.Reservations[].Instances[].Placement.AvailabilityZone' | sort -u >"$work/zones"
mapfile -t zones <"$work/zones"

for ordinal in $(seq 1 "$count"); do
    zone=${zones[$(((ordinal - 1) % ${#zones[@]}))]}
    volume=$(aws ec2 create-volume --availability-zone "$zone" --size 10 --volume-type gp2 \
        --tag-specifications "ResourceType=volume,Tags=[{Key=KubernetesCluster,Value=$cluster}]" | jq -r .VolumeId)
    sed -e "s/NAME/manual-ebs-$ordinal/" -e "s/VOLUME_ID/$volume/" -e "s/ZONE/$zone/" "$here/pv.yml" >>"$work/pv.yml"
done
kubectl create -f "$work/pv.yml"
