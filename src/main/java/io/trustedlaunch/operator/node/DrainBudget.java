package io.trustedlaunch.operator.node;

/**
 * How many moves drains may have under way at once.
 *
 * @param perNode off one node
 * @param inAll in the cluster, those that users asked for included
 */
public record DrainBudget(int perNode, int inAll) {}
