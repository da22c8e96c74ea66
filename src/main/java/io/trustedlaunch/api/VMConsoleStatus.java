package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * Where the console is reached now. Empty but for the condition while it is nowhere; another place once the VM has moved.
 *
 * @param nodeName whose agent it is; its certificate names it
 * @param address where that node is reached
 * @param port of its agent, for consoles
 * @param authority PEM; the authority that the agent's certificate must be of
 * @param vmUID the VM's identity, which its domain carries
 * @param epoch the life whose console it is
 * @param expiresAt RFC 3339; the session ends then, and is removed
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
@RecordBuilder
public record VMConsoleStatus(
        Long observedGeneration,
        @SelectableField String nodeName,
        String address,
        Integer port,
        String authority,
        String vmUID,
        Long epoch,
        String expiresAt,
        List<Condition> conditions) {}
