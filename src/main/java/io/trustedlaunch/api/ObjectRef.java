package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * Refers to a cluster-scoped object, or one of the same namespace, by name.
 *
 * @param name name of the object
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ObjectRef(
        @Required @Size(min = 1, max = 253) @Pattern(Schemas.OBJECT_NAME)
        String name) {}
