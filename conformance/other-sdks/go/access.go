package main

import pubnub "github.com/pubnub/go/v7"

func has(permissions []string, one string) bool {
	for _, permission := range permissions {
		if permission == one {
			return true
		}
	}
	return false
}

func channelsIn(named map[string][]string) map[string]pubnub.ChannelPermissions {
	granted := map[string]pubnub.ChannelPermissions{}
	for name, p := range named {
		granted[name] = pubnub.ChannelPermissions{
			Read: has(p, "read"), Write: has(p, "write"), Delete: has(p, "delete"), Get: has(p, "get"),
			Manage: has(p, "manage"), Update: has(p, "update"), Join: has(p, "join"),
		}
	}
	return granted
}

func groupsIn(named map[string][]string) map[string]pubnub.GroupPermissions {
	granted := map[string]pubnub.GroupPermissions{}
	for name, p := range named {
		granted[name] = pubnub.GroupPermissions{Read: has(p, "read"), Manage: has(p, "manage")}
	}
	return granted
}

func usersIn(named map[string][]string) map[string]pubnub.UUIDPermissions {
	granted := map[string]pubnub.UUIDPermissions{}
	for name, p := range named {
		granted[name] = pubnub.UUIDPermissions{Get: has(p, "get"), Update: has(p, "update"), Delete: has(p, "delete")}
	}
	return granted
}

func grant(pn *pubnub.PubNub, a args) (interface{}, status, error) {
	b := pn.GrantToken().TTL(a.TTL).Meta(a.Meta).Channels(channelsIn(a.Resources["channels"])).
		ChannelGroups(groupsIn(a.Resources["groups"])).UUIDs(usersIn(a.Resources["uuids"])).
		ChannelsPattern(channelsIn(a.Patterns["channels"]))
	if a.User != "" {
		b = b.AuthorizedUUID(a.User)
	}
	r, s, err := b.Execute()
	if err != nil {
		return nil, s, err
	}
	return r.Data.Token, s, nil
}

func parse(token string) (interface{}, status, error) {
	parsed, err := pubnub.ParseToken(token)
	if err != nil {
		return nil, status{}, err
	}
	return fields{
		"ttl": parsed.TTL, "user": parsed.AuthorizedUUID, "meta": parsed.Meta,
		"resources": shown(parsed.Resources), "patterns": shown(parsed.Patterns),
	}, status{}, nil
}

type bit struct {
	name string
	on   bool
}

func named(bits ...bit) []string {
	names := []string{}
	for _, one := range bits {
		if one.on {
			names = append(names, one.name)
		}
	}
	return names
}

func shown(r pubnub.PNTokenResources) fields {
	channels, groups, users := fields{}, fields{}, fields{}
	for name, p := range r.Channels {
		channels[name] = named(bit{"read", p.Read}, bit{"write", p.Write}, bit{"manage", p.Manage}, bit{"delete", p.Delete},
			bit{"get", p.Get}, bit{"update", p.Update}, bit{"join", p.Join})
	}
	for name, p := range r.ChannelGroups {
		groups[name] = named(bit{"read", p.Read}, bit{"manage", p.Manage})
	}
	for name, p := range r.UUIDs {
		users[name] = named(bit{"delete", p.Delete}, bit{"get", p.Get}, bit{"update", p.Update})
	}
	return fields{"channels": channels, "groups": groups, "uuids": users}
}
