package io.trustedlaunch.operator.node;

/**
 * How many migrations drains may have under way at once. Those that users create do not count: a tenant would hold up
 * every drain by them.
 *
 * @param perNode from one node
 * @param perCluster from all nodes
 */
public record DrainBudget(int perNode, int perCluster) {}
