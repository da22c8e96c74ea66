package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;

/**
 * All writes of the operator. Each carries the resourceVersion that the decision was made from, or creates an object with
 * a fixed name, so that an operator that was paused for an hour changes nothing.
 */
public interface ResourceWriter {
    /** Creates the object; if one of that name exists, returns it unchanged. */
    <T extends HasMetadata> T createIfAbsent(T resource);

    /** @throws StaleViewException if the object has changed since it was read */
    <T extends HasMetadata> T replaceStatus(T resource);

    /**
     * Applies a part of a status by server-side apply; other field managers own the rest. Fields that the same owner applied
     * before and now leaves out are removed. It carries no resourceVersion, since the other managers write often, so it is
     * only for information; it carries the UID, so that it never creates an object.
     *
     * @throws StaleViewException if the object was deleted, or created again
     */
    <T extends HasMetadata> void applyStatus(T part, String owner);

    /** @throws StaleViewException if the object has changed since it was read */
    <T extends HasMetadata> T setFinalizers(T resource, List<String> finalizers);

    /**
     * Other annotations are kept; a null value removes an annotation.
     *
     * @throws StaleViewException if the object has changed since it was read
     */
    <T extends HasMetadata> T setAnnotations(T resource, Map<String, String> annotations);

    /**
     * Applies a JSON merge patch to the spec; a null value removes a field.
     *
     * @throws StaleViewException if the object has changed since it was read
     */
    <T extends HasMetadata> T mergeSpec(T resource, Map<String, Object> spec);

    /**
     * Applies a JSON merge patch to the data of a ConfigMap, or of a Secret, in base64; a null value removes an entry.
     *
     * @throws StaleViewException if the object has changed since it was read
     */
    <T extends HasMetadata> T mergeData(T resource, Map<String, String> data);

    /**
     * Deletes the object; it is no error if it was deleted before.
     *
     * @throws StaleViewException if the object has changed since it was read
     */
    void delete(HasMetadata resource);

    /** Writes an event; failures are ignored. */
    void event(HasMetadata about, EventDraft event);
}
