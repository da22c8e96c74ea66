package io.trustedlaunch.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Map;

/**
 * Every way in which the operator changes the cluster. All of them carry the resourceVersion that the decision was made
 * from, or create something under a fixed name: a writer that was paused for an hour changes nothing.
 */
public interface ResourceWriter {
    /** Creates it. One of that name that is there already stays as it is, and is returned as it is. */
    <T extends HasMetadata> T createIfAbsent(T resource);

    /** @throws StaleViewException if the object is not what it was when it was read */
    <T extends HasMetadata> T replaceStatus(T resource);

    /**
     * A part of a status whose rest is somebody else's, by server-side apply: what the same owner applied before and leaves
     * out now is gone. Without a resourceVersion, since the others write all the time, so it is for what people read;
     * with the UID, so that no object is made by it.
     *
     * @throws StaleViewException if the object is gone, or another of its name is there
     */
    <T extends HasMetadata> void applyStatus(T part, String owner);

    /** @throws StaleViewException if the object is not what it was when it was read */
    <T extends HasMetadata> T setFinalizers(T resource, List<String> finalizers);

    /**
     * Other annotations stay as they are; a null value removes its annotation.
     *
     * @throws StaleViewException if the object is not what it was when it was read
     */
    <T extends HasMetadata> T setAnnotations(T resource, Map<String, String> annotations);

    /**
     * A JSON merge patch of the spec; a null value removes its field.
     *
     * @throws StaleViewException if the object is not what it was when it was read
     */
    <T extends HasMetadata> T mergeSpec(T resource, Map<String, Object> spec);

    /**
     * A JSON merge patch of a Secret's data, in base64.
     *
     * @throws StaleViewException if the object is not what it was when it was read
     */
    Secret mergeData(Secret secret, Map<String, String> data);

    /**
     * Deletes it; one that is gone already is fine.
     *
     * @throws StaleViewException if the object is not what it was when it was read
     */
    void delete(HasMetadata resource);

    /** Tells people what happened. Best effort: an event that cannot be written changes nothing. */
    void event(HasMetadata about, EventDraft happening);
}
