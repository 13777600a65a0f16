// One user of the vendor's SDK for Go. Reads calls as JSON lines, and writes answers, failures and events so.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"sort"
	"strconv"
	"sync"

	pubnub "github.com/pubnub/go/v7"
)

type fields = map[string]interface{}

// What a call may say. Each reads its own.
type args struct {
	Token, Channel, User, Group, Name, ID, Content, Filter string
	Message                                                interface{}
	Type, Value, Action                                    string
	Meta                                                   map[string]interface{}
	Custom, State                                          map[string]interface{}
	Post, Presence, Reverse, Actions                       bool
	Store                                                  *bool
	Channels, Groups, Users, Timetokens                    []string
	Start, End                                             string
	Count, TTL                                             int
	Resources, Patterns                                    map[string]map[string][]string
}

var writing sync.Mutex

func say(line fields) {
	writing.Lock()
	defer writing.Unlock()
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

func main() {
	var who struct {
		Port                                     int
		Publish, Subscribe, Secret, User, Filter string
		Timeout                                  int
	}
	if err := json.Unmarshal([]byte(os.Args[1]), &who); err != nil {
		panic(err)
	}
	config := pubnub.NewConfigWithUserId(pubnub.UserId(who.User))
	config.PublishKey, config.SubscribeKey, config.SecretKey = who.Publish, who.Subscribe, who.Secret
	config.Origin, config.Secure = "127.0.0.1:"+strconv.Itoa(who.Port), false
	config.FilterExpression = who.Filter
	if who.Timeout > 0 {
		config.SetPresenceTimeout(who.Timeout)
	}
	pn := pubnub.NewPubNub(config)
	listen(pn)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var call struct {
			ID   int
			Call string
			Args args
		}
		if err := json.Unmarshal(lines.Bytes(), &call); err != nil {
			panic(err)
		}
		answer, status, err := perform(pn, call.Call, call.Args)
		switch {
		case err != nil:
			text := err.Error() + " " + status.OriginalResponse
			if status.Error != nil {
				text += " " + status.Error.Error()
			}
			say(fields{"id": call.ID, "failure": fields{"status": statusOf(status, err), "category": status.Category.String(), "text": text}})
		default:
			say(fields{"id": call.ID, "answer": answer})
		}
	}
}

func listen(pn *pubnub.PubNub) {
	ear := pubnub.NewListener()
	pn.AddListener(ear)
	go func() {
		for {
			select {
			case s := <-ear.Status:
				say(fields{"event": "status", "category": category(s.Category), "status": s.StatusCode, "error": s.Error})
			case m := <-ear.Message:
				say(envelope(m, "message"))
			case m := <-ear.Signal:
				say(envelope(m, "signal"))
			case p := <-ear.Presence:
				say(fields{"event": "presence", "action": p.Event, "channel": p.Channel, "user": p.UUID, "occupancy": p.Occupancy, "state": p.State})
			case a := <-ear.MessageActionsEvent:
				say(fields{"event": "action", "type": a.Data.ActionType, "value": a.Data.ActionValue, "user": a.Data.UUID, "message": a.Data.MessageTimetoken})
			case f := <-ear.File:
				say(fields{"event": "file", "channel": f.Channel, "user": f.Publisher, "message": f.File.PNMessage.Text, "id": f.File.PNFile.ID, "name": f.File.PNFile.Name})
			case u := <-ear.UUIDEvent:
				say(fields{"event": "object", "what": "user", "action": u.Event, "id": u.UUID})
			case c := <-ear.ChannelEvent:
				say(fields{"event": "object", "what": "channel", "action": c.Event, "id": c.ChannelID})
			case m := <-ear.MembershipEvent:
				say(fields{"event": "object", "what": "membership", "action": m.Event, "channel": m.ChannelID, "user": m.UUID})
			}
		}
	}()
}

// Other SDKs call these so.
func category(c pubnub.StatusCategory) string {
	switch c {
	case pubnub.PNConnectedCategory:
		return "PNConnectedCategory"
	case pubnub.PNAccessDeniedCategory:
		return "PNAccessDeniedCategory"
	}
	return c.String()
}

func statusOf(status pubnub.StatusResponse, err error) int {
	if status.StatusCode != 0 {
		return status.StatusCode
	}
	// Some calls leave it to the error.
	if field := reflect.Indirect(reflect.ValueOf(err)).FieldByName("StatusCode"); field.IsValid() {
		return int(field.Int())
	}
	return 0
}

func envelope(m *pubnub.PNMessage, event string) fields {
	return fields{
		"event": event, "channel": m.Channel, "subscription": m.Subscription, "user": m.Publisher,
		"timetoken": strconv.FormatInt(m.Timetoken, 10), "meta": m.UserMetadata, "message": m.Message,
	}
}

func number(text string) int64 {
	value, _ := strconv.ParseInt(text, 10, 64)
	return value
}

func content(r io.Reader) string {
	text, _ := io.ReadAll(r)
	return string(text)
}

func sorted(names []string) []string {
	sort.Strings(names)
	return names
}
