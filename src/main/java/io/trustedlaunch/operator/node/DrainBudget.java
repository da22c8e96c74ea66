package io.trustedlaunch.operator.node;

/**
 * How many migrations drains may have under way at once.
 *
 * @param perNode from one node
 * @param perCluster in the cluster, including migrations that users created
 */
public record DrainBudget(int perNode, int perCluster) {}
