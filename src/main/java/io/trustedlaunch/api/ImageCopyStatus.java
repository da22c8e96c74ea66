package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * How far the import is, as its agent says.
 *
 * @param progress for people
 * @param bytesDone of the source, told every ten seconds at most
 * @param bytesTotal absent where nobody knows yet
 * @param format of the copy, which is not always that of the source: raw or qcow2
 * @param virtualBytes the size of the disk inside
 * @param removed nothing of the copy is left on the node; told once it is being deleted
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "conditions=type")
@RecordBuilder
public record ImageCopyStatus(
        Long observedGeneration,
        String progress,
        Long bytesDone,
        Long bytesTotal,
        String format,
        Long virtualBytes,
        Boolean removed,
        List<Condition> conditions) {}
