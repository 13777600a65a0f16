package main

import (
	"fmt"

	pubnub "github.com/pubnub/go/v7"
)

var customOfUser = []pubnub.PNUUIDMetadataInclude{pubnub.PNUUIDMetadataIncludeCustom}
var customOfChannel = []pubnub.PNChannelMetadataInclude{pubnub.PNChannelMetadataIncludeCustom}

func performObjects(pn *pubnub.PubNub, call string, a args) (interface{}, status, error) {
	switch call {
	case "set_user":
		r, s, err := pn.SetUUIDMetadata().UUID(a.User).Name(a.Name).Custom(a.Custom).Include(customOfUser).Execute()
		if err != nil {
			return nil, s, err
		}
		return r.Data, s, nil
	case "get_user":
		r, s, err := pn.GetUUIDMetadata().UUID(a.User).Include(customOfUser).Execute()
		if err != nil {
			return nil, s, err
		}
		return r.Data, s, nil
	case "list_users":
		r, s, err := pn.GetAllUUIDMetadata().Filter(a.Filter).Count(true).Include(customOfUser).Execute()
		if err != nil {
			return nil, s, err
		}
		return r.Data, s, nil
	case "remove_user":
		_, s, err := pn.RemoveUUIDMetadata().UUID(a.User).Execute()
		return nil, s, err
	case "set_channel":
		r, s, err := pn.SetChannelMetadata().Channel(a.Channel).Name(a.Name).Include(customOfChannel).Execute()
		if err != nil {
			return nil, s, err
		}
		return r.Data, s, nil
	case "get_channel":
		r, s, err := pn.GetChannelMetadata().Channel(a.Channel).Include(customOfChannel).Execute()
		if err != nil {
			return nil, s, err
		}
		return r.Data, s, nil
	case "remove_channel":
		_, s, err := pn.RemoveChannelMetadata().Channel(a.Channel).Execute()
		return nil, s, err
	}
	return performMemberships(pn, call, a)
}

func performMemberships(pn *pubnub.PubNub, call string, a args) (interface{}, status, error) {
	switch call {
	case "set_memberships":
		set := []pubnub.PNMembershipsSet{}
		for _, name := range a.Channels {
			set = append(set, pubnub.PNMembershipsSet{Channel: pubnub.PNMembershipsChannel{ID: name}})
		}
		r, s, err := pn.SetMemberships().UUID(a.User).Set(set).Include(nil).Execute()
		if err != nil {
			return nil, s, err
		}
		return channelsOf(r.Data), s, nil
	case "get_memberships":
		r, s, err := pn.GetMemberships().UUID(a.User).Execute()
		if err != nil {
			return nil, s, err
		}
		return channelsOf(r.Data), s, nil
	case "remove_memberships":
		gone := []pubnub.PNMembershipsRemove{}
		for _, name := range a.Channels {
			gone = append(gone, pubnub.PNMembershipsRemove{Channel: pubnub.PNMembershipsChannel{ID: name}})
		}
		r, s, err := pn.RemoveMemberships().UUID(a.User).Remove(gone).Execute()
		if err != nil {
			return nil, s, err
		}
		return channelsOf(r.Data), s, nil
	case "set_members":
		set := []pubnub.PNChannelMembersSet{}
		for _, user := range a.Users {
			set = append(set, pubnub.PNChannelMembersSet{UUID: pubnub.PNChannelMembersUUID{ID: user}})
		}
		r, s, err := pn.SetChannelMembers().Channel(a.Channel).Set(set).Execute()
		if err != nil {
			return nil, s, err
		}
		return usersOf(r.Data), s, nil
	case "get_members":
		r, s, err := pn.GetChannelMembers().Channel(a.Channel).Execute()
		if err != nil {
			return nil, s, err
		}
		return usersOf(r.Data), s, nil
	case "remove_members":
		gone := []pubnub.PNChannelMembersRemove{}
		for _, user := range a.Users {
			gone = append(gone, pubnub.PNChannelMembersRemove{UUID: pubnub.PNChannelMembersUUID{ID: user}})
		}
		r, s, err := pn.RemoveChannelMembers().Channel(a.Channel).Remove(gone).Execute()
		if err != nil {
			return nil, s, err
		}
		return usersOf(r.Data), s, nil
	}
	return nil, status{}, fmt.Errorf("no call %s", call)
}

func channelsOf(memberships []pubnub.PNMemberships) []string {
	ids := []string{}
	for _, membership := range memberships {
		ids = append(ids, membership.Channel.ID)
	}
	return sorted(ids)
}

func usersOf(members []pubnub.PNChannelMembers) []string {
	ids := []string{}
	for _, member := range members {
		ids = append(ids, member.UUID.ID)
	}
	return sorted(ids)
}
