package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/**
 * What the agents report of a location, node by node.
 *
 * @param groups nodes that were proved to have one and the same folder there; a node that is in none shares it with
 *     nobody, as far as is known
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
public record StorageLocationStatus(
        Long observedGeneration, List<Node> nodes, List<Group> groups, List<Condition> conditions) {

    /** The location as one node sees it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Node(String nodeName, boolean ready, String reason, String message, Quantity freeSpace) {}

    /** At least two nodes, by name. A node that fell silent stays in its group: its folder did not move. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Group(List<String> nodeNames) {}
}
