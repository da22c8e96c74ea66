package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/** What the agents report of a location, node by node. */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
public record StorageLocationStatus(Long observedGeneration, List<Node> nodes, List<Condition> conditions) {

    /** The location as one node sees it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Node(String nodeName, boolean ready, String reason, String message) {}
}
