package io.trustedlaunch.operator;

/** An object that the operator makes if it is asked to; named by its kind, of which there is one. */
public enum DefaultObject {
    /** The one named default, which VMs use that name no other. */
    StorageLocation,
    /** The one named azure-local: the images that Azure Local allows, with signed provenance. */
    ImageEligibilityPolicy
}
