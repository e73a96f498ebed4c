"""PyPI's kubernetes client with the objects of an aggregated API.

Usage: objects.py GROUP NAMESPACE, with KUBECONFIG. The group serves customtasks in v1, with the subresources status and
scale. What the client does not do as it should is an AssertionError or the client's own exception.
"""

import sys
import threading

from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic import DynamicClient

VERSION = "v1"
PLURAL = "customtasks"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
# For a watch to have seen everything, in seconds.
PATIENCE = 30


class Watcher(threading.Thread):
    """Collects `count` events of `stream` as (type, name, title)."""

    def __init__(self, stream, count):
        super().__init__(daemon=True)
        self.stream, self.count = stream, count
        self.events = []
        self.start()

    def run(self):
        for event in self.stream:
            found = event.get("raw_object") or event["object"]
            self.events.append((event["type"], found["metadata"]["name"], found["spec"]["title"]))
            if len(self.events) == self.count:
                return

    def has_seen(self, expected):
        self.join(PATIENCE)
        assert self.events == expected, f"{self.events} is not {expected}"


def task(group, name, title):
    return {
        "apiVersion": f"{group}/{VERSION}",
        "kind": "CustomTask",
        "metadata": {"name": name, "labels": {"made-by": "python"}},
        "spec": {"title": title, "total": 2},
    }


def refused(code, reason, call, *arguments, **named):
    """What the server says is to arrive as the client's exception."""
    try:
        call(*arguments, **named)
    except ApiException as error:
        assert error.status == code, f"{error.status} is not {code}: {error.body}"
        assert reason in f"{error.reason} {error.body}", f"{reason} is not in {error.reason} {error.body}"
        return
    raise AssertionError(f"{code} {reason} was expected of {call}")


def custom_objects(group, namespace):
    api = client.CustomObjectsApi()
    place = (group, VERSION, namespace, PLURAL)
    before = api.list_namespaced_custom_object(*place)
    assert before["items"] == [], before
    revision = before["metadata"]["resourceVersion"]
    watcher = Watcher(stream(api, place, revision), 6)
    creates_and_reads(api, place, group)
    replaces_and_patches(api, place)
    gone = api.delete_namespaced_custom_object(*place, "a")
    assert gone["status"] == "Success", gone
    watcher.has_seen([
        ("ADDED", "a", "one"),
        ("MODIFIED", "a", "two"),
        ("MODIFIED", "a", "three"),
        ("MODIFIED", "a", "four"),
        ("MODIFIED", "a", "four"),  # its status
        ("DELETED", "a", "four"),
    ])
    refused(410, "Expired", list, stream(api, place, "1"))
    reads_pages(api, place, group)


def stream(api, place, revision):
    return watch.Watch().stream(
        api.list_namespaced_custom_object, *place, resource_version=revision, timeout_seconds=2 * PATIENCE
    )


def creates_and_reads(api, place, group):
    made = api.create_namespaced_custom_object(*place, task(group, "a", "one"))
    assert made["metadata"]["uid"] and made["spec"] == {"title": "one", "total": 2}, made
    assert api.get_namespaced_custom_object(*place, "a") == made
    listed = api.list_cluster_custom_object(group, VERSION, PLURAL, label_selector="made-by=python")
    assert [item["metadata"]["name"] for item in listed["items"]] == ["a"], listed
    refused(409, "AlreadyExists", api.create_namespaced_custom_object, *place, task(group, "a", "one"))
    refused(422, "spec.title", api.create_namespaced_custom_object, *place, task(group, "b", ""))
    refused(404, "NotFound", api.get_namespaced_custom_object, *place, "b")


def replaces_and_patches(api, place):
    found = api.get_namespaced_custom_object(*place, "a")
    found["spec"]["title"] = "two"
    replaced = api.replace_namespaced_custom_object(*place, "a", found)
    assert replaced["metadata"]["generation"] == found["metadata"]["generation"] + 1, replaced
    refused(409, "the object has been modified", api.replace_namespaced_custom_object, *place, "a", found)

    patched = api.patch_namespaced_custom_object(*place, "a", {"spec": {"title": "three", "total": None}})
    assert patched["spec"] == {"title": "three", "total": 1}, patched  # 1 is the default
    operations = [
        {"op": "test", "path": "/spec/title", "value": "three"},
        {"op": "replace", "path": "/spec/title", "value": "four"},
    ]
    patched = api.patch_namespaced_custom_object(*place, "a", operations, _content_type=JSON_PATCH)
    assert patched["spec"]["title"] == "four", patched
    refused(422, "Invalid", api.patch_namespaced_custom_object, *place, "a", operations, _content_type=JSON_PATCH)

    change = {"status": {"phase": "Busy"}, "spec": {"total": 9}}
    patched = api.patch_namespaced_custom_object_status(*place, "a", change)
    assert (patched["status"]["phase"], patched["spec"]["total"]) == ("Busy", 1), patched
    assert api.get_namespaced_custom_object_scale(*place, "a")["spec"]["replicas"] == 1


def reads_pages(api, place, group):
    for name in ("b", "c", "d"):
        api.create_namespaced_custom_object(*place, task(group, name, "many"))
    page = api.list_namespaced_custom_object(*place, limit=2)
    rest = api.list_namespaced_custom_object(*place, limit=2, _continue=page["metadata"]["continue"])
    assert [item["metadata"]["name"] for item in page["items"] + rest["items"]] == ["b", "c", "d"], (page, rest)
    api.delete_collection_namespaced_custom_object(*place, label_selector="made-by=python")
    assert api.list_namespaced_custom_object(*place)["items"] == []


def dynamic_objects(group, namespace):
    resource = DynamicClient(client.ApiClient()).resources.get(api_version=f"{group}/{VERSION}", kind="CustomTask")
    assert resource.namespaced and "customtasks" == resource.name, resource
    revision = resource.get(namespace=namespace).metadata.resourceVersion
    events = resource.watch(namespace=namespace, resource_version=revision, timeout=2 * PATIENCE)
    watcher = Watcher(events, 4)
    made = resource.create(body=task(group, "e", "one"), namespace=namespace)
    assert made.spec.title == "one", made
    change = {"metadata": {"name": "e"}, "spec": {"title": "two"}}
    resource.patch(body=change, namespace=namespace, content_type=MERGE)
    operations = [{"op": "replace", "path": "/spec/title", "value": "three"}]
    resource.patch(body=operations, name="e", namespace=namespace, content_type=JSON_PATCH)
    found = resource.get(name="e", namespace=namespace)
    assert (found.spec.title, found.spec.total) == ("three", 2), found
    # A custom resource has no strategic merge patch, which is what this client sends by default.
    refused(415, "UnsupportedMediaType", resource.patch, body=change, namespace=namespace)
    resource.delete(name="e", namespace=namespace)
    refused(404, "NotFound", resource.get, name="e", namespace=namespace)
    watcher.has_seen([
        ("ADDED", "e", "one"),
        ("MODIFIED", "e", "two"),
        ("MODIFIED", "e", "three"),
        ("DELETED", "e", "three"),
    ])


def main():
    group, namespace = sys.argv[1:]
    config.load_kube_config()
    custom_objects(group, namespace)
    dynamic_objects(group, namespace)
    print("CustomObjectsApi and DynamicClient did what they should")


if __name__ == "__main__":
    main()
