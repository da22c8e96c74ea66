/**
 * Figures of what the product costs at scale: {@code bin/bench} runs {@link io.trustedlaunch.bench.Bench}. API server, etcd
 * and operator are real processes; nodes have the agent's own code over a hypervisor in memory.
 */
package io.trustedlaunch.bench;
