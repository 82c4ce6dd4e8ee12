import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies";

new PolicyPack("zonal-persistent-storage", { policies, enforcementLevel: "mandatory" });
