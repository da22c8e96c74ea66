/**
 * Reads and writes of the Kubernetes API. No other package of the operator writes, except {@code operator.identity},
 * whose writes are of its own kind.
 */
package io.trustedlaunch.operator.kube;
