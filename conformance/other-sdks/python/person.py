"""One user of the vendor's SDK for Python. Reads calls as JSON lines, and writes answers, failures and events so."""

import io
import json
import sys
import threading

from pubnub.callbacks import SubscribeCallback
from pubnub.enums import PNStatusCategory
from pubnub.exceptions import PubNubException
from pubnub.models.consumer.message_actions import PNMessageAction
from pubnub.models.consumer.objects_v2.channel_members import PNUUID
from pubnub.models.consumer.objects_v2.memberships import PNChannelMembership
from pubnub.models.consumer.v3.channel import Channel
from pubnub.models.consumer.v3.group import Group
from pubnub.models.consumer.v3.uuid import UUID
from pubnub.pnconfiguration import PNConfiguration
from pubnub.pubnub import PubNub

PERMISSIONS = ("read", "write", "manage", "delete", "get", "update", "join")
writing = threading.Lock()


def say(line):
    with writing:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


class Ear(SubscribeCallback):
    def status(self, pubnub, status):
        category = status.category.name if isinstance(status.category, PNStatusCategory) else str(status.category)
        say({"event": "status", "category": category, "status": status.status_code, "error": bool(status.error)})

    def message(self, pubnub, m):
        say({"event": "message", **envelope(m), "message": m.message, "type": m.custom_message_type})

    def signal(self, pubnub, m):
        say({"event": "signal", **envelope(m), "message": m.message})

    def presence(self, pubnub, p):
        say(
            {
                "event": "presence",
                "action": p.event,
                "channel": p.channel,
                "subscription": p.subscription,
                "user": p.uuid,
                "occupancy": p.occupancy,
                "state": p.state,
            }
        )

    def message_action(self, pubnub, action):
        say(
            {
                "event": "action",
                "type": action.type,
                "value": action.value,
                "user": action.uuid,
                "message": str(action.message_timetoken),
            }
        )

    def file(self, pubnub, f):
        say({"event": "file", **envelope(f), "message": f.message, "id": f.file_id, "name": f.file_name})

    def channel(self, pubnub, channel):
        say({"event": "object", "what": "channel", "action": channel.event, "id": channel.data["id"]})

    def uuid(self, pubnub, uuid):
        say({"event": "object", "what": "user", "action": uuid.event, "id": uuid.data["id"]})

    def membership(self, pubnub, membership):
        ids = {"channel": membership.data["channel"]["id"], "user": membership.data["uuid"]["id"]}
        say({"event": "object", "what": "membership", "action": membership.event, **ids})


def envelope(m):
    return {
        "channel": m.channel,
        "subscription": m.subscription,
        "user": m.publisher,
        "timetoken": str(m.timetoken),
        "meta": m.user_metadata,
    }


class Person:
    def __init__(self, port, publish, subscribe, user, secret=None, filter=None, timeout=None):
        config = PNConfiguration()
        config.publish_key, config.subscribe_key, config.secret_key = publish, subscribe, secret
        config.user_id = user
        config.origin, config.ssl, config.daemon = f"127.0.0.1:{port}", False, True
        config.filter_expression = filter
        if timeout:
            config.set_presence_timeout(timeout)
        self.pubnub = PubNub(config)
        self.pubnub.add_listener(Ear())

    def set_token(self, token):
        self.pubnub.set_token(token)

    def time(self):
        return str(int(self.pubnub.time().sync().result))

    def publish(self, channel, message, meta=None, post=False, compress=False, store=None, ttl=None, type=None):
        call = self.pubnub.publish(
            channel, message, should_store=store, use_post=post, meta=meta, ttl=ttl, custom_message_type=type
        )
        return str(call.use_compression(compress).sync().result.timetoken)

    def fire(self, channel, message):
        return str(self.pubnub.fire(channel, message).sync().result.timetoken)

    def signal(self, channel, message):
        return str(self.pubnub.signal(channel, message).sync().result.timetoken)

    def subscribe(self, channels=(), groups=(), presence=False):
        call = self.pubnub.subscribe().channels(list(channels)).channel_groups(list(groups))
        (call.with_presence() if presence else call).execute()

    def unsubscribe(self, channels=(), groups=()):
        self.pubnub.unsubscribe().channels(list(channels)).channel_groups(list(groups)).execute()

    def here_now(self, channels=(), groups=()):
        call = self.pubnub.here_now(list(channels), list(groups), include_state=True)
        result = call.sync().result
        return {
            "occupancy": result.total_occupancy,
            "channels": {c.channel_name: {o.uuid: o.state for o in c.occupants} for c in result.channels},
        }

    def where_now(self, user):
        return self.pubnub.where_now(user).sync().result.channels

    def set_state(self, channels, state):
        return self.pubnub.set_state(list(channels), state=state).sync().result.state

    def get_state(self, channels, user=None):
        return self.pubnub.get_state(list(channels), uuid=user).sync().result.channels

    def heartbeat(self, channels):
        self.pubnub.heartbeat().channels(list(channels)).sync()

    def history(self, channel, count=100, reverse=False, start=None, end=None):
        call = self.pubnub.history().channel(channel).count(count).reverse(reverse).include_timetoken(True)
        if start is not None:
            call.start(int(start))
        if end is not None:
            call.end(int(end))
        return [{"message": m.entry, "timetoken": str(m.timetoken)} for m in call.sync().result.messages]

    def fetch(self, channels, count=25, actions=False, start=None, end=None):
        call = self.pubnub.fetch_messages(
            list(channels),
            count=count,
            include_meta=True,
            include_message_actions=actions,
            start=start and int(start),
            end=end and int(end),
        )
        return {
            name: [{"message": m.message, "timetoken": str(m.timetoken), "actions": m.actions or {}} for m in items]
            for name, items in call.sync().result.channels.items()
        }

    def counts(self, channels, timetokens):
        call = self.pubnub.message_counts().channel(list(channels))
        return call.channel_timetokens([int(t) for t in timetokens]).sync().result.channels

    def delete_messages(self, channel, start=None, end=None):
        self.pubnub.delete_messages(channel, start and int(start), end and int(end)).sync()

    def add_action(self, channel, message, type, value):
        action = PNMessageAction()
        action.type, action.value, action.message_timetoken = type, value, int(message)
        return shown_action(self.pubnub.add_message_action(channel, action).sync().result)

    def get_actions(self, channel):
        return [shown_action(a) for a in self.pubnub.get_message_actions(channel).sync().result.actions]

    def remove_action(self, channel, message, action):
        self.pubnub.remove_message_action(channel, int(message), int(action)).sync()

    def add_to_group(self, group, channels):
        self.pubnub.add_channel_to_channel_group(list(channels), group).sync()

    def remove_from_group(self, group, channels):
        self.pubnub.remove_channel_from_channel_group(list(channels), group).sync()

    def list_group(self, group):
        return self.pubnub.list_channels_in_channel_group(group).sync().result.channels

    def delete_group(self, group):
        self.pubnub.remove_channel_group().channel_group(group).sync()

    def set_user(self, user, name, custom=None):
        return self.pubnub.set_uuid_metadata(user, include_custom=True, name=name, custom=custom).sync().result.data

    def get_user(self, user):
        return self.pubnub.get_uuid_metadata(user, include_custom=True).sync().result.data

    def list_users(self, filter=None):
        call = self.pubnub.get_all_uuid_metadata(include_custom=True, filter=filter, include_total_count=True)
        return call.sync().result.data

    def remove_user(self, user):
        self.pubnub.remove_uuid_metadata(user).sync()

    def set_channel(self, channel, name, custom=None):
        call = self.pubnub.set_channel_metadata(channel, custom=custom, include_custom=True, name=name)
        return call.sync().result.data

    def get_channel(self, channel):
        return self.pubnub.get_channel_metadata(channel, include_custom=True).sync().result.data

    def remove_channel(self, channel):
        self.pubnub.remove_channel_metadata(channel).sync()

    def set_memberships(self, user, channels):
        memberships = [PNChannelMembership.channel(name) for name in channels]
        return channels_of(self.pubnub.set_memberships(user, memberships).sync().result)

    def get_memberships(self, user):
        return channels_of(self.pubnub.get_memberships(user).sync().result)

    def remove_memberships(self, user, channels):
        memberships = [PNChannelMembership.channel(name) for name in channels]
        return channels_of(self.pubnub.manage_memberships(user, [], memberships).sync().result)

    def set_members(self, channel, users):
        members = [PNUUID.uuid(user) for user in users]
        return users_of(self.pubnub.set_channel_members(channel, members).sync().result)

    def get_members(self, channel):
        return users_of(self.pubnub.get_channel_members(channel).sync().result)

    def remove_members(self, channel, users):
        members = [PNUUID.uuid(user) for user in users]
        return users_of(self.pubnub.remove_channel_members(channel, members).sync().result)

    def send_file(self, channel, name, content, message=None):
        call = self.pubnub.send_file().channel(channel).file_name(name).message(message)
        result = call.file_object(io.BytesIO(content.encode())).sync().result
        return {"id": result.file_id, "name": result.name}

    def list_files(self, channel):
        files = self.pubnub.list_files(channel).sync().result.data
        return [{"id": file["id"], "name": file["name"], "size": file["size"]} for file in files]

    def file_url(self, channel, id, name):
        return self.pubnub.get_file_url(channel, name, id).sync().result.file_url

    def download_file(self, channel, id, name):
        call = self.pubnub.download_file().channel(channel).file_id(id).file_name(name)
        return call.sync().result.data.decode()

    def delete_file(self, channel, id, name):
        self.pubnub.delete_file(channel, name, id).sync()

    def grant(self, ttl, user=None, resources=None, patterns=None, meta=None):
        call = self.pubnub.grant_token().ttl(ttl)
        kinds = (("channels", Channel, call.channels), ("groups", Group, call.groups), ("uuids", UUID, call.uuids))
        for section, kind, add in kinds:
            named = [allow(kind.id(n), p) for n, p in (resources or {}).get(section, {}).items()]
            matched = [allow(kind.pattern(n), p) for n, p in (patterns or {}).get(section, {}).items()]
            if named or matched:
                add(named + matched)
        if user:
            call.authorized_uuid(user)
        if meta:
            call.meta(meta)
        return call.sync().result.token

    def revoke(self, token):
        self.pubnub.revoke_token(token).sync()

    def parse(self, token):
        parsed = self.pubnub.parse_token(token)
        return {
            "ttl": parsed["ttl"],
            "user": parsed["authorized_uuid"],
            "meta": parsed["meta"],
            "resources": shown_sections(parsed["resources"]),
            "patterns": shown_sections(parsed["patterns"]),
        }


def allow(resource, permissions):
    for permission in permissions:
        getattr(resource, permission)()
    return resource


def shown_sections(sections):
    return {
        section: {name: [p for p in PERMISSIONS if bits.get(p)] for name, bits in names.items()}
        for section, names in sections.items()
        if section in ("channels", "groups", "uuids") and names
    }


def shown_action(action):
    return {
        "type": action.type,
        "value": action.value,
        "user": action.uuid,
        "message": str(action.message_timetoken),
        "timetoken": str(action.action_timetoken),
    }


def channels_of(result):
    return sorted(membership["channel"]["id"] for membership in result.data)


def users_of(result):
    return sorted(membership["uuid"]["id"] for membership in result.data)


def main():
    person = Person(**json.loads(sys.argv[1]))
    for line in sys.stdin:
        call = json.loads(line)
        try:
            answer = getattr(person, call["call"])(**call["args"])
            say({"id": call["id"], "answer": answer})
        except PubNubException as error:
            category = error.status.category.name if error.status else None
            failure = {"status": error.get_status_code(), "category": category, "text": str(error)}
            say({"id": call["id"], "failure": failure})
        except Exception as error:
            say({"id": call["id"], "fault": f"{type(error).__name__}: {error}"})


main()
