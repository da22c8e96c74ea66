package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Rules for choosing a node. They apply at a start or migration; they never stop or migrate a running guest.
 *
 * @param nodeAffinity rules about the labels of the Kubernetes Node
 * @param vmAffinity VMs of the same namespace that this one should run together with
 * @param vmAntiAffinity VMs of the same namespace that this one should run apart from; required terms also keep those VMs
 *     away from this one
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Affinity(NodeAffinity nodeAffinity, VMAffinity vmAffinity, VMAffinity vmAntiAffinity) {}
