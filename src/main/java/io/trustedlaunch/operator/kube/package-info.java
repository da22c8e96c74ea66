/** The operator's reads of the Kubernetes API, and the informers that its controllers share. */
package io.trustedlaunch.operator.kube;
