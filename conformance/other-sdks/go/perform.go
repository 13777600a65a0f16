package main

import (
	"os"
	"path/filepath"
	"strconv"

	pubnub "github.com/pubnub/go/v7"
)

type status = pubnub.StatusResponse

// Most of these answer nothing but that they were done.
func perform(pn *pubnub.PubNub, call string, a args) (interface{}, status, error) {
	switch call {
	case "set_token":
		pn.SetToken(a.Token)
		return nil, status{}, nil
	case "time":
		r, s, err := pn.Time().Execute()
		if err != nil {
			return nil, s, err
		}
		return strconv.FormatInt(r.Timetoken, 10), s, nil
	case "publish":
		b := pn.Publish().Channel(a.Channel).Message(a.Message).UsePost(a.Post)
		if a.Meta != nil {
			b = b.Meta(a.Meta)
		}
		if a.Store != nil {
			b = b.ShouldStore(*a.Store)
		}
		r, s, err := b.Execute()
		if err != nil {
			return nil, s, err
		}
		return strconv.FormatInt(r.Timestamp, 10), s, nil
	case "fire":
		_, s, err := pn.Fire().Channel(a.Channel).Message(a.Message).Execute()
		return nil, s, err
	case "signal":
		_, s, err := pn.Signal().Channel(a.Channel).Message(a.Message).Execute()
		return nil, s, err
	case "subscribe":
		pn.Subscribe().Channels(a.Channels).ChannelGroups(a.Groups).WithPresence(a.Presence).Execute()
		return nil, status{}, nil
	case "unsubscribe":
		pn.Unsubscribe().Channels(a.Channels).ChannelGroups(a.Groups).Execute()
		return nil, status{}, nil
	case "here_now":
		return hereNow(pn, a)
	case "where_now":
		r, s, err := pn.WhereNow().UUID(a.User).Execute()
		if err != nil {
			return nil, s, err
		}
		return r.Channels, s, nil
	case "set_state":
		r, s, err := pn.SetState().Channels(a.Channels).State(a.State).Execute()
		if err != nil {
			return nil, s, err
		}
		return r.State, s, nil
	case "get_state":
		r, s, err := pn.GetState().Channels(a.Channels).UUID(a.User).Execute()
		if err != nil {
			return nil, s, err
		}
		return r.State, s, nil
	case "add_to_group":
		_, s, err := pn.AddChannelToChannelGroup().Channels(a.Channels).ChannelGroup(a.Group).Execute()
		return nil, s, err
	case "remove_from_group":
		_, s, err := pn.RemoveChannelFromChannelGroup().Channels(a.Channels).ChannelGroup(a.Group).Execute()
		return nil, s, err
	case "list_group":
		r, s, err := pn.ListChannelsInChannelGroup().ChannelGroup(a.Group).Execute()
		if err != nil {
			return nil, s, err
		}
		return append([]string{}, r.Channels...), s, nil
	case "delete_group":
		_, s, err := pn.DeleteChannelGroup().ChannelGroup(a.Group).Execute()
		return nil, s, err
	case "grant":
		return grant(pn, a)
	case "revoke":
		_, s, err := pn.RevokeToken().Token(a.Token).Execute()
		return nil, s, err
	case "parse":
		return parse(a.Token)
	}
	if answer, s, err, known := performKept(pn, call, a); known {
		return answer, s, err
	}
	if answer, s, err, known := performFiles(pn, call, a); known {
		return answer, s, err
	}
	answer, s, err := performObjects(pn, call, a)
	return answer, s, err
}

func hereNow(pn *pubnub.PubNub, a args) (interface{}, status, error) {
	r, s, err := pn.HereNow().Channels(a.Channels).IncludeState(true).IncludeUUIDs(true).Execute()
	if err != nil {
		return nil, s, err
	}
	channels := fields{}
	for _, channel := range r.Channels {
		users := fields{}
		for _, occupant := range channel.Occupants {
			users[occupant.UUID] = nil
			if len(occupant.State) > 0 {
				users[occupant.UUID] = occupant.State
			}
		}
		channels[channel.ChannelName] = users
	}
	return fields{"occupancy": r.TotalOccupancy, "channels": channels}, s, nil
}

func performFiles(pn *pubnub.PubNub, call string, a args) (interface{}, status, error, bool) {
	switch call {
	case "send_file":
		path := filepath.Join(os.TempDir(), a.Channel)
		if err := os.WriteFile(path, []byte(a.Content), 0o600); err != nil {
			return nil, status{}, err, true
		}
		defer os.Remove(path)
		file, err := os.Open(path)
		if err != nil {
			return nil, status{}, err, true
		}
		defer file.Close()
		b := pn.SendFile().Channel(a.Channel).Name(a.Name).File(file)
		if text, given := a.Message.(string); given {
			b = b.Message(text)
		}
		r, s, err := b.Execute()
		if err != nil {
			return nil, s, err, true
		}
		return fields{"id": r.Data.ID, "name": a.Name}, s, nil, true
	case "list_files":
		r, s, err := pn.ListFiles().Channel(a.Channel).Execute()
		if err != nil {
			return nil, s, err, true
		}
		files := []fields{}
		for _, file := range r.Data {
			files = append(files, fields{"id": file.ID, "name": file.Name, "size": file.Size})
		}
		return files, s, nil, true
	case "file_url":
		r, s, err := pn.GetFileURL().Channel(a.Channel).ID(a.ID).Name(a.Name).Execute()
		if err != nil {
			return nil, s, err, true
		}
		return r.URL, s, nil, true
	case "download_file":
		r, s, err := pn.DownloadFile().Channel(a.Channel).ID(a.ID).Name(a.Name).Execute()
		if err != nil {
			return nil, s, err, true
		}
		return content(r.File), s, nil, true
	case "delete_file":
		_, s, err := pn.DeleteFile().Channel(a.Channel).ID(a.ID).Name(a.Name).Execute()
		return nil, s, err, true
	}
	return nil, status{}, nil, false
}
