/**
 * The one way out: no other package of the operator writes to Kubernetes, apart from {@code operator.identity}, whose
 * writes no other room shares.
 */
package io.trustedlaunch.operator.kube;
