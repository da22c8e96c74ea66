package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Where a VM is to be: in Kubernetes' words, and of them only what is read. Like {@code nodeSelector} it is asked when a
 * place is chosen, for a start or for a move, and never ends or moves a guest that runs.
 *
 * @param nodeAffinity by the labels of the Kubernetes Node
 * @param vmAffinity with other VMs of the namespace
 * @param vmAntiAffinity apart from other VMs of the namespace; what is required here, the others keep to as well
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Affinity(NodeAffinity nodeAffinity, VMAffinity vmAffinity, VMAffinity vmAntiAffinity) {}
