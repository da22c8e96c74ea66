package io.trustedlaunch.operator.vm.facts;

/** The VM object that had a retained VM last: the one that was retained, or one that has taken it over since. */
public enum FormerOwner {
    PRESENT,
    /** It is gone, as no VM is that was retained or deleted as it should: an incarnation of it may have a guest. */
    GONE_BUT_FOR_A_GUEST,
    GONE
}
